"""The resources of the API: routes, schemas and store of each."""
