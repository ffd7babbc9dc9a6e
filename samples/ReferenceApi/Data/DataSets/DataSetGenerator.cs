using ReferenceApi.Workspace;

namespace ReferenceApi.Data.DataSets;

/// <summary>Writes all tables of a data set, those that others refer to first.</summary>
internal static class DataSetGenerator
{
    public static void Generate(DataSetSpecification specification, RowWriter writer)
    {
        UserRows.Write(specification, writer);
        MessagingRows.Write(specification, writer);
        SettingRows.Write(writer);
        ApiKeyRows.Write(specification, writer);
        InsightRows.Write(specification, writer);
        HealthRows.Write(specification, writer);
        ItemRows.Write(specification, writer);
        SignalRows.Write(specification, writer);
    }

    /// <summary>Rows of all tables, for the progress bar. Tags are drawn, so their number is the expected one.</summary>
    public static long ExpectedRows(DataSetSpecification specification)
    {
        var rows = specification.Rows;
        return rows.Users + rows.Chats + rows.Messages + rows.Events + rows.HealthPoints + (3L * rows.Items)
            + ((long)rows.SignalPointsPerSeries * SignalSeries.All.Count) + rows.Runs + rows.Reports
            + rows.ApiKeys + InsightRows.Experts.Count + SettingRows.Settings.Count;
    }
}
