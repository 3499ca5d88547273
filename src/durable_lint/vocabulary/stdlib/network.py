"""What leaves the machine: sockets, protocols, look-ups, and databases.

A connection that is opened by its constructor counts when it is made (`smtplib.SMTP(host)`); one
that is not counts when it is used (`http.client.HTTPConnection`).
"""

from typing import Final

from durable_lint.vocabulary.family import Family

__all__ = ["NETWORK"]

NETWORK: Final = Family(
    calls={
        "network_io": {
            "socket": "socket create_connection create_server dup fromfd fromshare getaddrinfo"
            " gethostbyaddr gethostbyname gethostbyname_ex getnameinfo has_dualstack_ipv6"
            " if_indextoname if_nameindex if_nametoindex recv_fds send_fds setdefaulttimeout"
            " sethostname socketpair getprotobyname getservbyname getservbyport"
            " getdefaulttimeout SocketIO",
            "socket.socket": "accept bind connect connect_ex listen recv recvfrom recvfrom_into"
            " recv_into recvmsg recvmsg_into send sendall sendfile sendmsg sendmsg_afalg sendto"
            " shutdown makefile getpeername getsockname",
            "ssl": "get_server_certificate create_connection SSLSocket",
            "ssl.SSLSocket": "read write do_handshake unwrap",
            "ssl.SSLContext": "wrap_socket load_default_certs",
            "urllib.request": "urlopen urlretrieve urlcleanup getproxies proxy_bypass",
            "urllib.request.OpenerDirector": "open",
            "urllib.request.URLopener": "open retrieve",
            "urllib.robotparser.RobotFileParser": "read",
            "http.client.HTTPConnection": "connect request send endheaders getresponse putrequest",
            "http.server": "HTTPServer ThreadingHTTPServer test",
            "ftplib": "FTP FTP_TLS ftpcp test",
            "ftplib.FTP": "*",
            "imaplib": "IMAP4 IMAP4_SSL IMAP4_stream",
            "imaplib.IMAP4": "*",
            "poplib": "POP3 POP3_SSL",
            "poplib.POP3": "*",
            "smtplib": "SMTP SMTP_SSL LMTP",
            "smtplib.SMTP": "connect ehlo helo ehlo_or_helo_if_needed login mail rcpt data docmd"
            " noop quit rset send send_message sendmail starttls verify vrfy expn auth",
            "nntplib": "NNTP NNTP_SSL",
            "nntplib.NNTP": "*",
            "telnetlib": "Telnet",
            "telnetlib.Telnet": "*",
            "xmlrpc.client.ServerProxy": "*",
            "xmlrpc.server": "SimpleXMLRPCServer",
            "socketserver": "TCPServer UDPServer ThreadingTCPServer ThreadingUDPServer"
            " ForkingTCPServer ForkingUDPServer UnixStreamServer UnixDatagramServer"
            " ThreadingUnixStreamServer ThreadingUnixDatagramServer ForkingUnixStreamServer"
            " ForkingUnixDatagramServer",
            "socketserver.BaseServer": "serve_forever handle_request shutdown server_close",
            "wsgiref.simple_server": "make_server WSGIServer",
            "select": "epoll poll kqueue devpoll",
            "selectors": "DefaultSelector EpollSelector PollSelector SelectSelector KqueueSelector"
            " DevpollSelector",
            "asyncio": "open_connection open_unix_connection start_server start_unix_server",
            "asyncio.StreamReader": "read readline readexactly readuntil __anext__",
            "asyncio.StreamWriter": "write writelines drain wait_closed start_tls",
            "asyncio.AbstractServer": "serve_forever start_serving wait_closed",
            "asyncio.AbstractEventLoop": "create_connection create_server create_unix_connection"
            " create_unix_server create_datagram_endpoint connect_accepted_socket getaddrinfo"
            " getnameinfo sock_accept sock_connect sock_recv sock_recv_into sock_recvfrom"
            " sock_recvfrom_into sock_sendall sock_sendfile sock_sendto sendfile start_tls"
            " add_reader add_writer remove_reader remove_writer connect_read_pipe"
            " connect_write_pipe",
            "logging.handlers": "SocketHandler DatagramHandler SMTPHandler HTTPHandler"
            " SysLogHandler",
            "sqlite3": "connect",
            "sqlite3.Connection": "execute executemany executescript commit rollback backup"
            " blobopen iterdump interrupt load_extension deserialize serialize",
            "sqlite3.Cursor": "execute executemany executescript fetchone fetchmany fetchall"
            " __next__",
        },
    },
    pure={
        "socket": "close AddressFamily AddressInfo MsgFlag SocketKind SocketType IntEnum IntFlag"
        " inet_aton inet_ntoa inet_ntop inet_pton htonl htons ntohl ntohs CMSG_LEN CMSG_SPACE"
        " timeout gaierror herror error has_ipv6",
        "socket.socket": "fileno close family type proto getsockopt setsockopt setblocking"
        " settimeout gettimeout getblocking detach",
        "ssl": "create_default_context SSLContext Purpose TLSVersion VerifyMode VerifyFlags Options"
        " AlertDescription SSLErrorNumber MemoryBIO SSLObject SSLSession DER_cert_to_PEM_cert"
        " PEM_cert_to_DER_cert cert_time_to_seconds get_protocol_name namedtuple"
        " RAND_status DefaultVerifyPaths get_default_verify_paths socket match_hostname"
        " wrap_socket RAND_egd enum_certificates enum_crls",
        "urllib.request": "Request build_opener install_opener OpenerDirector BaseHandler quote"
        " unquote unquote_to_bytes urlparse urlsplit urljoin urlunparse unwrap pathname2url"
        " url2pathname parse_http_list parse_keqv_list request_host HTTPHandler HTTPSHandler"
        " HTTPBasicAuthHandler HTTPCookieProcessor HTTPDefaultErrorHandler HTTPDigestAuthHandler"
        " HTTPErrorProcessor HTTPPasswordMgr HTTPPasswordMgrWithDefaultRealm"
        " HTTPPasswordMgrWithPriorAuth HTTPRedirectHandler ProxyBasicAuthHandler"
        " ProxyDigestAuthHandler ProxyHandler UnknownHandler AbstractBasicAuthHandler"
        " AbstractDigestAuthHandler AbstractHTTPHandler CacheFTPHandler DataHandler FTPHandler"
        " FileHandler FancyURLopener URLopener addclosehook addinfourl ftperrors ftpwrapper"
        " getproxies_environment proxy_bypass_environment localhost noheaders thishost ftpcache",
        "urllib": "parse.* error.* response.*",
        "http": "HTTPStatus HTTPMethod cookies.* cookiejar.*",
        "http.client": "HTTPConnection HTTPSConnection HTTPResponse HTTPMessage responses"
        " parse_headers urlsplit",
        "http.server": "BaseHTTPRequestHandler SimpleHTTPRequestHandler CGIHTTPRequestHandler"
        " HTTPStatus executable nobody_uid",
        "ftplib.FTP": "close set_debuglevel set_pasv",
        "imaplib.IMAP4": "print_log",
        "poplib.POP3": "close set_debuglevel",
        "telnetlib.Telnet": "close set_debuglevel",
        "ftplib": "parse150 parse227 parse229 parse257 print_line",
        "imaplib": "Int2AP Internaldate2tuple ParseFlags Time2Internaldate",
        "smtplib": "quoteaddr quotedata SMTPNotSupportedError",
        "xmlrpc.client": "*",
        "xmlrpc.server": "SimpleXMLRPCRequestHandler SimpleXMLRPCDispatcher",
        "socketserver": "BaseServer BaseRequestHandler DatagramRequestHandler StreamRequestHandler",
        "selectors": "BaseSelector SelectorKey EVENT_READ EVENT_WRITE",
        "ipaddress": "*",
        "email": "*",
        "sqlite3": "Row Binary Blob Connection Cursor Date DateFromTicks PrepareProtocol Time"
        " TimeFromTicks Timestamp TimestampFromTicks adapt complete_statement register_adapter"
        " register_converter enable_callback_tracebacks adapters apilevel converters paramstyle"
        " sqlite_version sqlite_version_info threadsafety version version_info OptimizedUnicode"
        " enable_shared_cache sqlite_version_info",
        "sqlite3.Connection": "cursor create_function create_aggregate create_collation"
        " set_trace_callback row_factory text_factory total_changes in_transaction",
        "wsgiref.simple_server": "WSGIRequestHandler ServerHandler demo_app",
    },
    results={"importlib.resources": {"files": "importlib.resources.abc.Traversable"}},
    aliases={
        "_socket": "socket",
        "_ssl": "ssl",
        "_sqlite3": "sqlite3",
        "sqlite3.dbapi2": "sqlite3",
        "socket.SocketType": "socket.socket",
        "asyncio.streams": "asyncio",
        "asyncio.Server": "asyncio.AbstractServer",
        "importlib.abc.Traversable": "importlib.resources.abc.Traversable",
    },
)
