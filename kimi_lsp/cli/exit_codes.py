"""What `kimi-lsp` ends with."""

OK = 0
FAILED = 1
USAGE = 2
REFUSED = 3
INTERRUPTED = 130

EPILOG = """\
exit codes:
  0    done
  1    failed: no key, no connection, an error of the service, a file that cannot be read or written
  2    wrong use of the command line
  3    refused: nothing was changed, and the sentence on stderr says why
  130  interrupted; the request to the model was stopped
"""
