import CTasklets

/// Terminals of the system.
extension SystemPorts {
    package func setReadsKeys(_ isOn: Bool, at handle: Handle) throws(SystemError) {
        let slot = try unsafe open(handle, "use a terminal")
        switch (unsafe slot.pointee.atClose, isOn) {
        case (nil, true):
            let terminal = unsafe terminal_begin_keys(slot.pointee.descriptor)
            unsafe slot.pointee.atClose = .endKeys(try SystemError.check(terminal, "read keys at \(name(of: handle))"))
        case (let former?, false):
            former.perform()
            unsafe slot.pointee.atClose = nil
        default: break
        }
    }

    package func terminalSize(of handle: Handle) throws(SystemError) -> Terminal.Size {
        let slot = try unsafe open(handle, "use a terminal")
        var columns: Int32 = 0
        var rows: Int32 = 0
        let result = unsafe terminal_size(slot.pointee.descriptor, &columns, &rows)
        _ = try SystemError.check(result, "use \(name(of: handle)) as a terminal")
        return Terminal.Size(columns: Int(columns), rows: Int(rows))
    }
}
