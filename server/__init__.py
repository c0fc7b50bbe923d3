"""Intercoder: a server on which a research team codes posts together."""
