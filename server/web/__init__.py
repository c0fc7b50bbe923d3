"""HTTP and HTML: routing, forms, rendering, cookies, failures."""
