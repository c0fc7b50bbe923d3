"""Care for annotators: warnings, hidden posts, topics one does not want to see, pauses."""
