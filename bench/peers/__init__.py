"""The same three calls, each written as the users of that framework would write them."""
