/// Where the sockets of a hub read what is passed on before anybody else runs. One for all of them, since it is used inside one
/// attempt to read, which never waits.
///
/// Safe since it is never freed before the hub, nor changed.
@safe
final class LentMemory {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

    deinit { unsafe bytes.deallocate() }
}
