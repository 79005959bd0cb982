"""The floor: plain Flask answering a constant, on the same server settings as Jack."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> dict[str, str]:
    """Say hello."""
    return {"message": "Hello, world"}
