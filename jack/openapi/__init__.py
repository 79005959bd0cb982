"""The API's description, and the page to try it out."""
