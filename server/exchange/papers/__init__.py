"""What the pages of results and agreement show, as files: figures, tables for papers, plain rows."""
