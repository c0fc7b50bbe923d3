"""Gold answers written, shown to trainees and set against their codings; and who is let into a round."""
