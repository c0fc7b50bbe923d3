# Two stages: the packages are built where compilers may be, and run where they are not.
FROM python:3.12-slim AS build
WORKDIR /build
COPY requirements.lock pyproject.toml README.md ./
COPY server server
COPY templates templates
COPY migrations migrations
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
 && /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
# A new volume takes over whose these folders are, and that nobody else may look into them.
RUN useradd --uid 10001 --create-home intercoder && install -d -m 0700 -o intercoder -g intercoder /data /backups
COPY --from=build /venv /venv
USER intercoder
# The root is read-only: what is written while drawing goes where the container lets it.
ENV INTERCODER_DATA=/data INTERCODER_HOST=0.0.0.0 MPLCONFIGDIR=/tmp/matplotlib PATH=/venv/bin:$PATH
VOLUME /data
EXPOSE 8000
# By TLS where the server has a certificate, which is for another name than this one.
HEALTHCHECK --interval=30s --timeout=3s CMD ["python", "-c", "import os, ssl, urllib.request as u; u.urlopen(('https' if os.environ.get('INTERCODER_TLS_CERT') else 'http') + '://127.0.0.1:8000/healthz', timeout=2, context=ssl._create_unverified_context())"]
CMD ["intercoder", "serve"]
