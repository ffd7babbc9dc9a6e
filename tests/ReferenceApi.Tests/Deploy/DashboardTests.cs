using System.Text.Json;

namespace ReferenceApi.Tests.Deploy;

/// <summary>What can be said of deploy/grafana without a server.</summary>
public sealed class DashboardTests
{
    private static readonly JsonElement Dashboard = JsonElement.Parse(File.ReadAllText(RepositoryRoot.Combine("deploy", "grafana", "headroom.json")));

    [Fact]
    public void Panels_EachHasATitleADescriptionAUnitAndADataSourceThatIsChosen()
    {
        var panels = Panels().ToArray();
        Assert.Equal(panels.Length, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.All(panels, panel =>
        {
            Assert.NotEmpty(panel.GetProperty("title").GetString()!);
            Assert.NotEmpty(panel.GetProperty("description").GetString()!);
            Assert.NotEmpty(panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString()!);
            Assert.All(panel.GetProperty("targets").EnumerateArray(), target => Assert.Equal("${datasource}", target.GetProperty("datasource").GetProperty("uid").GetString()));
        });

        // Side by side without a gap that hides one behind another.
        var places = Dashboard.GetProperty("panels").EnumerateArray().Select(panel => panel.GetProperty("gridPos")).Select(place => (X: place.GetProperty("x").GetInt32(), Y: place.GetProperty("y").GetInt32(), W: place.GetProperty("w").GetInt32(), H: place.GetProperty("h").GetInt32())).ToArray();
        for (var i = 0; i < places.Length; i++)
        {
            for (var j = i + 1; j < places.Length; j++)
            {
                var apart = places[i].X + places[i].W <= places[j].X || places[j].X + places[j].W <= places[i].X || places[i].Y + places[i].H <= places[j].Y || places[j].Y + places[j].H <= places[i].Y;
                Assert.True(apart, $"panels {i} and {j} overlap");
            }
        }
    }

    private static IEnumerable<JsonElement> Panels() => Dashboard.GetProperty("panels").EnumerateArray().Where(panel => panel.GetProperty("type").GetString() != "row");
}
