using System.Text.Json;
using System.Text.Json.Serialization;
using ReferenceApi.Answers;
using ReferenceApi.HealthData;
using ReferenceApi.Insight;
using ReferenceApi.Messaging;
using ReferenceApi.Paging;
using ReferenceApi.Users;
using ReferenceApi.Workspace;

namespace ReferenceApi.Hosting;

/// <summary>The serializers of every answer, generated at build time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Page<Chat>))]
[JsonSerializable(typeof(Page<Message>))]
[JsonSerializable(typeof(Page<MessagingEvent>))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(InstanceInfo))]
[JsonSerializable(typeof(Dictionary<string, Dictionary<string, string>>))]
[JsonSerializable(typeof(Overview))]
[JsonSerializable(typeof(Ingested))]
[JsonSerializable(typeof(MetricData))]
[JsonSerializable(typeof(Page<ExportedPoint>))]
[JsonSerializable(typeof(ItemPage))]
[JsonSerializable(typeof(SignalReport))]
[JsonSerializable(typeof(Answer))]
[JsonSerializable(typeof(AnswerStart))]
[JsonSerializable(typeof(AnswerToken))]
[JsonSerializable(typeof(AnswerDone))]
[JsonSerializable(typeof(Page<User>))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;
