"""Files that arrive by themselves.

A source may have a drop place: a folder, an SFTP server or an S3 bucket that an operator named in
`CRM_DROPS`. The scheduler looks there, takes in what is new and whole, and imports it as a person
would. Nothing is ever written, moved or deleted there: read access is enough.
"""
