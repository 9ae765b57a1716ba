"""The clinic's archive: which recordings there are, what people say of them, finding in them."""
