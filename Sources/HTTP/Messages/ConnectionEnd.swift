#if HTTP
import Hub

/// Whether an error is one of the connection, of whatever protocol below: the other side has left, or this one has closed it.
func isOfConnection(_ error: any Error) -> Bool {
    if error is any ConnectionError { return true }
    if case .ended? = error as? HubError { return true }
    return false
}

/// Whether an error is one of a connection whose other side has left.
func isOfOtherSide(_ error: any Error) -> Bool {
    if let error = error as? any ConnectionError { return error.isOfOtherSide }
    if case .ended? = error as? HubError { return true }
    return false
}

/// Ends a connection so that the other side gets an error where the end would mean that all has come. Only TCP can.
func reset(_ stream: any ByteStream) { (stream as? TCPConnection)?.reset() }
#endif
