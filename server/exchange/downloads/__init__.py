"""The final dataset, codings and the history as files of many formats."""
