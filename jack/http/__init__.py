"""The border: Flask, flask-smorest and marshmallow, said once for every resource. Knows no resource."""
