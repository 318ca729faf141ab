// Which file a piece of code comes from. Names of functions and numbers of lines are read there.

#define _GNU_SOURCE
#include "objects.h"

#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const char program_path[] = "/proc/self/exe";

struct search {
    uintptr_t address;
    struct object *object;
};

static int look_at_object(struct dl_phdr_info *object, size_t size, void *argument) {
    (void)size;
    struct search *search = argument;
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
        uintptr_t start = object->dlpi_addr + segment->p_vaddr;
        if (segment->p_type != PT_LOAD || search->address < start || search->address - start >= segment->p_memsz)
            continue;
        // The program itself has no name here.
        const char *path = object->dlpi_name[0] == 0 ? program_path : object->dlpi_name;
        strncpy(search->object->path, path, sizeof search->object->path - 1);
        search->object->base = object->dlpi_addr;
        return 1;
    }
    return 0;
}

bool object_find(const void *address, struct object *object) {
    struct search search = {.address = (uintptr_t)address, .object = object};
    *object = (struct object){0};
    return dl_iterate_phdr(look_at_object, &search) != 0;
}

struct file file_map(const char *path) {
    struct file file = {0};
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return file;
    struct stat status;
    if (fstat(descriptor, &status) == 0 && status.st_size > 0) {
        void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (bytes != MAP_FAILED) file = (struct file){bytes, (size_t)status.st_size};
    }
    close(descriptor);
    return file;
}

void file_unmap(struct file file) {
    if (file.bytes != NULL) munmap((void *)file.bytes, file.length);
}

const void *file_part(struct file file, uint64_t offset, uint64_t length) {
    if (offset > file.length || length > file.length - offset) return NULL;
    return file.bytes + offset;
}

const ElfW(Shdr) *file_sections(struct file file, size_t *count) {
    const ElfW(Ehdr) *header = file_part(file, 0, sizeof *header);
    if (header == NULL || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_shoff % 8 != 0) return NULL;
    *count = header->e_shnum;
    return file_part(file, header->e_shoff, (uint64_t)header->e_shnum * sizeof(ElfW(Shdr)));
}
