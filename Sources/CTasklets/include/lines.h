/// Files and lines of places in code.
#ifndef CTASKLETS_LINES_H
#define CTASKLETS_LINES_H

#include <stddef.h>

#pragma clang assume_nonnull begin

typedef struct source_line {
    /// An address inside an instruction.
    const void *_Nullable address;
    /// 0 when nobody knows: the file was stripped, or the compiler has made that code up.
    unsigned line;
    /// Without its folder.
    char file[124];
} source_line;

/// Finds lines and files; `line` and `file` are 0 before. Reads all debug information about lines in the files that the code comes
/// from: some milliseconds for each megabyte of it.
void source_lines_find(source_line *lines, size_t count);

#pragma clang assume_nonnull end

#endif
