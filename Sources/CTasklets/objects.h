// Which file a piece of code comes from, and what is in that file.
#ifndef CTASKLETS_OBJECTS_H
#define CTASKLETS_OBJECTS_H

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Where the system shows the file of the program itself.
extern const char program_path[];

// The program, or a library that it has loaded.
struct object {
    char path[4096];
    // An address minus this is what its file calls that place.
    uintptr_t base;
};

// False when the address is in none.
bool object_find(const void *address, struct object *object);

// A file in memory. Nothing in it is believed: it may be another one by now than the one that was loaded.
struct file {
    const char *bytes;
    size_t length;
};

// Without bytes when it cannot be read.
struct file file_map(const char *path);
void file_unmap(struct file file);

// NULL when the file is shorter.
const void *file_part(struct file file, uint64_t offset, uint64_t length);

// NULL when it is no file of code.
const ElfW(Shdr) *file_sections(struct file file, size_t *count);

#endif
