/// Pipes, and descriptors that the program was given: standard input and output. As in `descriptors.h`, what fails gives the
/// system's number of the error, negated.
#ifndef CTASKLETS_PIPES_H
#define CTASKLETS_PIPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "descriptors.h"

#pragma clang assume_nonnull begin

/// A descriptor for the same thing that is closed in children and may be closed without closing the given one.
///
/// Whether reads and writes block is a property of the open file, which other processes may share: a shell would find its
/// terminal changed. So that is left as it is. Of a pipe or a terminal an open file of our own is made; where that is not
/// possible, `may_block` is set, and it is read and written by the functions below.
int pipe_borrow(int descriptor, bool writes, bool *may_block);

/// Reads only when something is there. Only when another process takes that away meanwhile, this blocks.
int64_t pipe_read_if_ready(int descriptor, void *_Nullable buffer, size_t capacity);

/// Writes only as much of the piece as surely does not block.
int64_t pipe_write_if_ready(int descriptor, const descriptor_piece *piece);

/// 1 when a read, or a write, would not block.
int descriptor_is_ready(int descriptor, bool writes);

/// A pipe of which one end is for a child: that one blocks, as programs expect. Ours does not. 0 is the end that is read.
int pipe_for_child(int ends[_Nonnull 2], int ours);

#pragma clang assume_nonnull end

#endif
