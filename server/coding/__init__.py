"""The annotator's page: queue, form, drafts, codings."""
