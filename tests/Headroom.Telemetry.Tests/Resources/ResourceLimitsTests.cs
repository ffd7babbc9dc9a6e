using Headroom.Telemetry.Resources;

namespace Headroom.Telemetry.Tests.Resources;

public sealed class ResourceLimitsTests : IDisposable
{
    const long Machine = 64L << 30;

    readonly DirectoryInfo root = Directory.CreateTempSubdirectory("headroom-cgroup-");

    public void Dispose() => root.Delete(recursive: true);

    [Fact]
    public void Read_NoGroups_IsTheMachines() => Assert.Equal(new ResourceLimits(Machine, 8), Read());

    [Fact]
    public void Read_Version2Container_IsTheMountsOwn()
    {
        // A private namespace shows the container's group as the root.
        Write("proc/self/cgroup", "0::/\n");
        Write("sys/fs/cgroup/memory.max", "536870912\n");
        Write("sys/fs/cgroup/cpu.max", "150000 100000\n");
        Assert.Equal(new ResourceLimits(512 << 20, 1.5), Read());
    }

    [Fact]
    public void Read_Version2Nested_IsTheLeastOnTheWayUp()
    {
        Write("proc/self/cgroup", "0::/kubepods/pod/app\n");
        Write("sys/fs/cgroup/kubepods/pod/app/memory.max", "max\n");
        Write("sys/fs/cgroup/kubepods/pod/memory.max", "1073741824\n");
        Write("sys/fs/cgroup/kubepods/memory.max", "8589934592\n");
        Write("sys/fs/cgroup/kubepods/pod/app/cpu.max", "50000 100000\n");
        Write("sys/fs/cgroup/kubepods/pod/cpu.max", "max 100000\n");
        Assert.Equal(new ResourceLimits(1 << 30, 0.5), Read());
    }

    [Fact]
    public void Read_Version2PathOfTheHost_StillFindsTheRoot()
    {
        Write("proc/self/cgroup", "0::/docker/0123456789abcdef\n");
        Write("sys/fs/cgroup/memory.max", "268435456\n");
        Assert.Equal(256 << 20, Read().MemoryBytes);
    }

    [Fact]
    public void Read_Version1_ReadsTheControllersFolders()
    {
        Write("proc/self/cgroup", "5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n");
        Write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "134217728\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        Write("sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us", "200000\n");
        Write("sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us", "100000\n");
        Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
        Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
        Assert.Equal(new ResourceLimits(128 << 20, 2), Read());
    }

    [Fact]
    public void Read_NoLimitsOrNonsense_IsTheMachines()
    {
        Write("proc/self/cgroup", "0::/app\nnonsense\n");
        Write("sys/fs/cgroup/app/memory.max", "max");
        Write("sys/fs/cgroup/app/cpu.max", "max 100000");
        Write("sys/fs/cgroup/cpu.max", "100000 0");
        Write("sys/fs/cgroup/memory.max", "");
        Assert.Equal(new ResourceLimits(Machine, 8), Read());
    }

    [Fact]
    public void Read_QuotaBeyondTheProcessors_IsTheProcessors()
    {
        Write("proc/self/cgroup", "0::/\n");
        Write("sys/fs/cgroup/cpu.max", "6400000 100000");
        Assert.Equal(8, Read().Cpus);
    }

    [Fact]
    public void Read_ThisMachine_IsSomething()
    {
        var limits = ResourceLimits.Read();
        Assert.InRange(limits.MemoryBytes, 1 << 20, long.MaxValue);
        Assert.InRange(limits.Cpus, 0.001, Environment.ProcessorCount);
    }

    ResourceLimits Read() => ResourceLimits.Read(root.FullName, Machine, 8);

    void Write(string path, string text)
    {
        var file = Path.Combine(root.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
