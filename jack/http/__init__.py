"""Flask, flask-smorest and marshmallow: what the routes of all resources share. Imports no resource."""
