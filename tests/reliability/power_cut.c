/* What a program writes below a folder, and what of it has reached the disk: a library for LD_PRELOAD.
 *
 * JACK_CUT_FOLDER is the folder, JACK_CUT_JOURNAL the file that each change is appended to, after it was made, in one
 * write(2). A sync has two records: one before it, and one after it has succeeded. tests/reliability/crash_disk.py reads it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct record {
    char kind;
    uint32_t thread;
    uint64_t inode;
    int64_t offset;
    uint32_t path, other, data; /* bytes of what follows */
} __attribute__((packed));

static int journal = -1;
static const char *folder = "";

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_fsync)(int), (*real_fdatasync)(int), (*real_ftruncate)(int, off64_t);
static int (*real_rename)(const char *, const char *), (*real_unlink)(const char *);
static int (*real_linkat)(int, const char *, int, const char *, int);
static int (*real_mkdir)(const char *, mode_t), (*real_openat)(int, const char *, int, ...);

__attribute__((constructor)) static void begin(void) {
    real_write = dlsym(RTLD_NEXT, "write");
    real_writev = dlsym(RTLD_NEXT, "writev");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_rename = dlsym(RTLD_NEXT, "rename");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_linkat = dlsym(RTLD_NEXT, "linkat");
    real_mkdir = dlsym(RTLD_NEXT, "mkdir");
    real_openat = dlsym(RTLD_NEXT, "openat64");
    const char *place = getenv("JACK_CUT_JOURNAL"), *below = getenv("JACK_CUT_FOLDER");
    if (place == NULL || below == NULL) return;
    folder = below;
    int opened = real_openat(AT_FDCWD, place, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    journal = opened < 0 ? -1 : fcntl(opened, F_DUPFD_CLOEXEC, 700);
    if (opened >= 0) close(opened);
}

static int ours(const char *path) {
    size_t length = strlen(folder);
    return journal >= 0 && strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/* The path of a regular file or a folder of ours; 0 for anything else. */
static int named(int file, char *path, struct stat64 *found) {
    int before = errno, is_ours = 0;
    if (journal >= 0 && fstat64(file, found) == 0 && (S_ISREG(found->st_mode) || S_ISDIR(found->st_mode))) {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", file);
        ssize_t length = readlink(link, path, PATH_MAX - 1);
        path[length < 0 ? 0 : length] = 0;
        is_ours = ours(path);
    }
    errno = before;
    return is_ours;
}

static void note(char kind, uint64_t inode, int64_t offset, const char *path, const char *other, const void *data, size_t size) {
    int before = errno;
    struct record head = {kind, (uint32_t)syscall(SYS_gettid), inode, offset, strlen(path), strlen(other), size};
    struct iovec parts[] = {
        {&head, sizeof head}, {(void *)path, head.path}, {(void *)other, head.other}, {(void *)data, size}};
    if (real_writev(journal, parts, 4) < 0) abort();
    errno = before;
}

static ssize_t wrote(int file, const void *data, ssize_t size, off64_t offset) {
    char path[PATH_MAX];
    struct stat64 found;
    if (size > 0 && named(file, path, &found)) note('w', found.st_ino, offset, path, "", data, size);
    return size;
}

static off64_t end_of_write(int file, ssize_t size) {
    int before = errno;
    off64_t end = lseek64(file, 0, SEEK_CUR);
    errno = before;
    return end - size;
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t offset) {
    return wrote(file, data, real_pwrite(file, data, size, offset), offset);
}
ssize_t pwrite(int file, const void *data, size_t size, off_t offset) { return pwrite64(file, data, size, offset); }

ssize_t write(int file, const void *data, size_t size) {
    ssize_t done = real_write(file, data, size);
    return done > 0 ? wrote(file, data, done, end_of_write(file, done)) : done;
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    ssize_t done = real_writev(file, parts, count), left = done;
    if (done <= 0) return done;
    off64_t offset = end_of_write(file, done);
    for (int part = 0; part < count && left > 0; part++) {
        ssize_t size = (ssize_t)parts[part].iov_len < left ? (ssize_t)parts[part].iov_len : left;
        wrote(file, parts[part].iov_base, size, offset);
        offset += size;
        left -= size;
    }
    return done;
}

static int synced(int file, int (*sync)(int)) {
    char path[PATH_MAX];
    struct stat64 found;
    if (!named(file, path, &found)) return sync(file);
    note('b', found.st_ino, 0, path, "", "", 0);
    int failed = sync(file);
    if (!failed) note('s', found.st_ino, 0, path, "", "", 0);
    return failed;
}
int fsync(int file) { return synced(file, real_fsync); }
int fdatasync(int file) { return synced(file, real_fdatasync); }

int ftruncate64(int file, off64_t size) {
    char path[PATH_MAX];
    struct stat64 found;
    int failed = real_ftruncate(file, size);
    if (!failed && named(file, path, &found)) note('t', found.st_ino, size, path, "", "", 0);
    return failed;
}
int ftruncate(int file, off_t size) { return ftruncate64(file, size); }

int rename(const char *from, const char *to) {
    int failed = real_rename(from, to);
    if (!failed && ours(to)) note('r', 0, 0, from, to, "", 0);
    return failed;
}

int unlink(const char *path) {
    int failed = real_unlink(path);
    if (!failed && ours(path)) note('u', 0, 0, path, "", "", 0);
    return failed;
}

static int linked(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    int failed = real_linkat(from_folder, from, to_folder, to, flags);
    if (!failed && ours(to)) note('l', 0, 0, from, to, "", 0);
    return failed;
}
int link(const char *from, const char *to) { return linked(AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    return linked(from_folder, from, to_folder, to, flags);
}

int mkdir(const char *path, mode_t mode) {
    int failed = real_mkdir(path, mode);
    if (!failed && ours(path)) note('d', 0, 0, path, "", "", 0);
    return failed;
}

/* A file that is not there before is new: its name is one more change to its folder. */
static int opened(int folder, const char *path, int flags, mode_t mode) {
    int is_new = (flags & O_CREAT) && ours(path) && faccessat(folder, path, F_OK, 0) != 0;
    int file = real_openat(folder, path, flags, mode);
    struct stat64 found;
    int before = errno;
    if (file >= 0 && ours(path) && fstat64(file, &found) == 0) {
        if (is_new) note('c', found.st_ino, 0, path, "", "", 0);
        else if (flags & O_TRUNC) note('t', found.st_ino, 0, path, "", "", 0);
    }
    errno = before;
    return file;
}

#define MODE(flags) ({ mode_t mode = 0; if ((flags) & (O_CREAT | __O_TMPFILE)) { \
    va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); } mode; })
int open(const char *path, int flags, ...) { return opened(AT_FDCWD, path, flags, MODE(flags)); }
int open64(const char *path, int flags, ...) { return opened(AT_FDCWD, path, flags, MODE(flags)); }
int openat(int folder, const char *path, int flags, ...) { return opened(folder, path, flags, MODE(flags)); }
int openat64(int folder, const char *path, int flags, ...) { return opened(folder, path, flags, MODE(flags)); }
