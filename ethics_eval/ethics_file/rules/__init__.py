"""Rules of the ethics file: what it may be opened for, what it comes to, what a certificate says."""
