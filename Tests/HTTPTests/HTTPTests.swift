#if HTTP
import HTTP
import Testing
#endif
