using System.Text;
using Headroom.Redis.Protocol;

namespace Headroom.Redis.Connections;

/// <summary>A command's name, encoded once: <c>GET</c>, or two words as in <c>CLIENT TRACKING</c>.</summary>
internal sealed class Command
{
    public Command(string name)
    {
        Name = name;
        var words = name.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Words = words.Length;
        var writer = new RespWriter(new byte[name.Length + (words.Length * RespWriter.StringHeaderMostBytes * 2)]);
        foreach (var word in words)
            writer.WriteString(Encoding.ASCII.GetBytes(word));
        Encoded = writer.Written.ToArray();
    }

    public string Name { get; }

    public int Words { get; }

    public byte[] Encoded { get; }
}
