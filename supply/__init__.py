"""What this program is made of, and what is known against it: for `make sbom` and `make audit`."""
