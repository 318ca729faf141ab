/// Terminals that give single keys, and are put back into the state that they were in. What fails gives the system's number of
/// the error, negated.
#ifndef CTASKLETS_TERMINALS_H
#define CTASKLETS_TERMINALS_H

#pragma clang assume_nonnull begin

/// From now on each key comes at once and is not shown. Ctrl-C, Ctrl-Z and Ctrl-\ stay signals.
///
/// The terminal is put back when the program exits, or dies from a signal that can be caught: so also when it traps.
///
/// - Returns: what `terminal_end_keys` wants.
int terminal_begin_keys(int descriptor);

/// Puts the terminal back.
void terminal_end_keys(int terminal);

/// How many characters there is room for. `-ENOTTY` for what is no terminal.
int terminal_size(int descriptor, int *columns, int *rows);

#pragma clang assume_nonnull end

#endif
