"""One way through: frame -> faces -> crops -> predictions -> pictures, tables and files."""
