"""Starts pySQLbridge with a certificate of ours instead of one that it signs for itself.

usage: front.py CERTIFICATE KEY ARGUMENTS-OF-PYSQLBRIDGE...
"""

import sys

from pysqlbridge import server
from pysqlbridge.certificate import load

certificate, key = sys.argv[1:3]
server.self_signed = lambda *_, **__: load(certificate, key)
sys.argv = ["pysqlbridge", *sys.argv[3:]]
server.main()
