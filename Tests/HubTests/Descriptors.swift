import CTasklets
import Hub
import Tasklets

/// How many descriptors of the hub are open on this scheduler.
func openDescriptors() throws -> Int {
    (try HubCore.current().ports as! SystemPorts).openCount
}

/// A descriptor more of this process; negative when there are no more.
func descriptorOfNothing() -> Int32 { descriptor_duplicate(2) }

func closeDescriptor(_ descriptor: Int32) { descriptor_close(descriptor) }
