"""Pure: typed tables written as files of many formats, each whole or not at all."""
