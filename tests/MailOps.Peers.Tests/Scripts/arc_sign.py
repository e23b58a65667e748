# Seals a message with dkimpy: arc_sign.py domain selector key-file server-id in-file out-file. What it says of the chain is what Authentication-Results has.
import sys
import dkim

domain, selector, key, server, source, target = sys.argv[1:]
message = open(source, 'rb').read()
fields = dkim.ARC(message).sign(selector.encode(), domain.encode(), open(key, 'rb').read(), server.encode())
if not fields:
    sys.exit('nothing was sealed')
open(target, 'wb').write(b''.join(fields) + message)
