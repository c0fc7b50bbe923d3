/* Loaded before a server's libraries: writes down, in their order, the writes and syncs of the files whose
   names begin with RECORDED_FILES, into the file RECORD. Compiled by `tests.trust.recording`. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct entry {
    double at;
    int64_t offset;
    uint32_t length;
    char kind;    /* w(rite), t(runcate), s(ync) */
    char is_log;  /* of the write-ahead log */
    char unused[2];
};

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static int record = -1;

/* 0 for a file that is not recorded, 1 for the database, 2 for its write-ahead log. */
static int which(int fd) {
    const char *files = getenv("RECORDED_FILES");
    char link[64], name[PATH_MAX];
    if (!files) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, name, sizeof name - 1);
    if (n < 0) return 0;
    name[n] = 0;
    size_t length = strlen(files);
    if (strncmp(name, files, length)) return 0;
    if (!strcmp(name + length, "-wal")) return 2;
    return name[length] == 0;
}

static void note(int file, char kind, int64_t offset, const void *data, size_t length) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    struct entry entry = {now.tv_sec + now.tv_nsec / 1e9, offset, (uint32_t)length, kind, file == 2, {0, 0}};
    struct iovec parts[2] = {{&entry, sizeof entry}, {(void *)data, length}};
    pthread_mutex_lock(&guard);
    if (record < 0) record = open(getenv("RECORD"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (writev(record, parts, data ? 2 : 1) < 0) abort();
    pthread_mutex_unlock(&guard);
}

#define REAL(type, name, ...) type (*real)(__VA_ARGS__) = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    int file = which(fd);
    if (file) note(file, 'w', offset, data, length);
    return real(fd, data, length, offset);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
    return pwrite64(fd, data, length, offset);
}

int ftruncate64(int fd, off64_t length) {
    REAL(int, "ftruncate64", int, off64_t);
    int file = which(fd);
    if (file) note(file, 't', length, NULL, 0);
    return real(fd, length);
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

/* A sync counts from when it has ended. */
int fdatasync(int fd) {
    REAL(int, "fdatasync", int);
    int result = real(fd), file = which(fd);
    if (file && !result) note(file, 's', 0, NULL, 0);
    return result;
}

int fsync(int fd) {
    REAL(int, "fsync", int);
    int result = real(fd), file = which(fd);
    if (file && !result) note(file, 's', 0, NULL, 0);
    return result;
}
