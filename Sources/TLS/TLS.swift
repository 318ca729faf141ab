#if TLS
import COpenSSL
#endif
