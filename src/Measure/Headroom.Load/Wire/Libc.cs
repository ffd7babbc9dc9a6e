using System.Runtime.InteropServices;

namespace Headroom.Load.Wire;

/// <summary>The few Linux calls of <see cref="EpollWire"/>. Signatures and constants are the same on x64 and arm64, but for the layout of epoll_event.</summary>
internal static unsafe partial class Libc
{
    public const int AF_UNIX = 1;
    public const int AF_INET = 2;
    public const int AF_INET6 = 10;
    public const int SOCK_STREAM = 1;
    public const int SOCK_NONBLOCK = 0x800;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int IPPROTO_TCP = 6;
    public const int TCP_NODELAY = 1;
    public const int SOL_SOCKET = 1;
    public const int SO_ERROR = 4;
    public const int MSG_NOSIGNAL = 0x4000;

    public const int EPOLL_CLOEXEC = 0x80000;
    public const int EPOLL_CTL_ADD = 1;
    public const int EPOLL_CTL_MOD = 3;
    public const uint EPOLLIN = 0x1;
    public const uint EPOLLOUT = 0x4;

    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int ENFILE = 23;
    public const int EMFILE = 24;
    public const int EPIPE = 32;
    public const int EADDRNOTAVAIL = 99;
    public const int ECONNRESET = 104;
    public const int ETIMEDOUT = 110;
    public const int ECONNREFUSED = 111;
    public const int EINPROGRESS = 115;

    public const int PR_SET_TIMERSLACK = 29;

    /// <summary>epoll_pwait2 has one number on every architecture that got it after 2020.</summary>
    public const nint SYS_epoll_pwait2 = 441;

    /// <summary>epoll_event is packed on x64 and naturally aligned elsewhere.</summary>
    public static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    public static readonly int EventDataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    [StructLayout(LayoutKind.Sequential)]
    public struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int connect(int fd, byte* address, uint length);

    [LibraryImport("libc")]
    public static partial int setsockopt(int fd, int level, int name, int* value, uint length);

    [LibraryImport("libc")]
    public static partial int getsockopt(int fd, int level, int name, int* value, uint* length);

    [LibraryImport("libc")]
    public static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_ctl(int epoll, int operation, int fd, byte* epollEvent);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_wait(int epoll, byte* events, int eventsMax, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint epoll_pwait2(nint number, nint epoll, byte* events, nint eventsMax, Timespec* timeout, nint signalMask, nint signalMaskSize);

    [LibraryImport("libc")]
    public static partial int nanosleep(Timespec* duration, Timespec* remaining);

    [LibraryImport("libc")]
    public static partial int prctl(int option, nuint value, nuint unused3, nuint unused4, nuint unused5);

    // On a non-blocking socket these return at once, so the GC need not be told that the thread has left. Without that transition nothing runs between
    // the call and its caller, so Marshal.GetLastSystemError right after it is the call's own errno. (Asking again instead would not do: a reset is told once.)

    [LibraryImport("libc")]
    [SuppressGCTransition]
    public static partial nint recv(int fd, byte* buffer, nint length, int flags);

    [LibraryImport("libc")]
    [SuppressGCTransition]
    public static partial nint send(int fd, byte* buffer, nint length, int flags);
}
