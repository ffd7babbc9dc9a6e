namespace ReferenceApi.Data.DataSets;

/// <summary>The settings of a messaging instance: a table that is read much and hardly ever written.</summary>
internal static class SettingRows
{
    public static readonly IReadOnlyList<(string Section, string Name, string Value)> Settings =
    [
        ("instance", "displayName", "Harbour support"), ("instance", "timeZone", "Europe/Lisbon"), ("instance", "language", "en"),
        ("instance", "region", "eu-west"), ("instance", "maintenanceWindow", "Sunday 03:00-04:00"),
        ("messages", "maximumLength", "4096"), ("messages", "retentionDays", "365"), ("messages", "linkPreviews", "true"),
        ("messages", "readReceipts", "true"), ("messages", "typingIndicators", "true"), ("messages", "attachmentsMaximumMegabytes", "25"),
        ("messages", "allowedKinds", "text,image,document,audio"),
        ("chats", "autoCloseAfterHours", "72"), ("chats", "assignment", "round-robin"), ("chats", "maximumOpenPerAgent", "12"),
        ("chats", "firstReplyTargetMinutes", "10"), ("chats", "welcomeMessage", "Hello! How can we help?"), ("chats", "awayMessage", "We are back at nine."),
        ("notifications", "email", "true"), ("notifications", "push", "true"), ("notifications", "digest", "daily"),
        ("notifications", "quietHours", "22:00-07:00"), ("notifications", "mentionOnly", "false"),
        ("webhooks", "retryAttempts", "5"), ("webhooks", "timeoutSeconds", "10"), ("webhooks", "signature", "hmac-sha256"),
        ("webhooks", "events", "message.received,message.sent,chat.opened,chat.closed"),
        ("security", "sessionMinutes", "480"), ("security", "twoFactor", "optional"), ("security", "allowedOrigins", "https://app.example.com"),
        ("security", "auditLogDays", "90"), ("security", "passwordMinimumLength", "12"),
        ("billing", "plan", "team"), ("billing", "seats", "14"), ("billing", "currency", "EUR"), ("billing", "invoiceDay", "1"),
        ("insight", "experts", "24"), ("insight", "modelBudgetTokensPerDay", "5000000"), ("insight", "reportSchedule", "weekly"),
        ("insight", "shareReports", "managers"),
    ];

    public static void Write(RowWriter writer)
    {
        writer.BeginTable("settings", "section", "name", "value");
        foreach (var (section, name, value) in Settings)
        {
            writer.Write(section);
            writer.Write(name);
            writer.Write(value);
            writer.EndRow();
        }

        writer.EndTable();
    }
}
