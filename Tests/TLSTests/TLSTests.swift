#if TLS
import TLS
import Testing
#endif
