#if HTTP
import HTTPTypes
#endif
