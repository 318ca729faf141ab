// One import for a program that uses tasklets: the members of these modules are seen through this one, also under the
// upcoming feature MemberImportVisibility. That is what the attribute is for, and `public import` alone does not do it.
//
// Exploration is left out: it needs the testing library, which belongs into test targets only.

@_exported public import Channels
@_exported public import Greenlets
@_exported public import Hub
@_exported public import Sync
@_exported public import Tasklets
