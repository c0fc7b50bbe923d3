"""Care for annotators: warnings, hidden posts, topics one opts out of, pauses, time."""
