"""The methods paragraph: what really happened in a study, in the words of a paper."""
