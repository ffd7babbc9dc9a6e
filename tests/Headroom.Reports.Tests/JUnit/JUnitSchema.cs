using System.Text;
using System.Xml;
using System.Xml.Schema;

namespace Headroom.Reports.Tests.JUnit;

/// <summary>The shape of JUnit XML that Jenkins' xunit plug-in and its kin accept, as an XML schema of our own: elements in order, attributes by name and type.</summary>
internal static class JUnitSchema
{
    private const string Schema = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">
          <xs:simpleType name="instant"><xs:restriction base="xs:dateTime"><xs:pattern value="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"/></xs:restriction></xs:simpleType>
          <xs:complexType name="told"><xs:simpleContent><xs:extension base="xs:string">
            <xs:attribute name="message" type="xs:string"/><xs:attribute name="type" type="xs:string"/>
          </xs:extension></xs:simpleContent></xs:complexType>
          <xs:element name="testsuites"><xs:complexType>
            <xs:sequence><xs:element ref="testsuite" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
            <xs:attribute name="name" type="xs:string"/><xs:attribute name="time" type="xs:decimal"/><xs:attribute name="tests" type="xs:unsignedInt"/>
            <xs:attribute name="failures" type="xs:unsignedInt"/><xs:attribute name="disabled" type="xs:unsignedInt"/><xs:attribute name="errors" type="xs:unsignedInt"/>
          </xs:complexType></xs:element>
          <xs:element name="testsuite"><xs:complexType>
            <xs:sequence>
              <xs:element name="properties" minOccurs="0"><xs:complexType><xs:sequence>
                <xs:element name="property" maxOccurs="unbounded"><xs:complexType>
                  <xs:attribute name="name" type="xs:token" use="required"/><xs:attribute name="value" type="xs:string" use="required"/>
                </xs:complexType></xs:element>
              </xs:sequence></xs:complexType></xs:element>
              <xs:element ref="testcase" minOccurs="0" maxOccurs="unbounded"/>
              <xs:element name="system-out" type="xs:string" minOccurs="0"/><xs:element name="system-err" type="xs:string" minOccurs="0"/>
            </xs:sequence>
            <xs:attribute name="name" type="xs:string" use="required"/><xs:attribute name="tests" type="xs:unsignedInt" use="required"/>
            <xs:attribute name="failures" type="xs:unsignedInt"/><xs:attribute name="errors" type="xs:unsignedInt"/><xs:attribute name="skipped" type="xs:unsignedInt"/>
            <xs:attribute name="time" type="xs:decimal"/><xs:attribute name="timestamp" type="instant"/><xs:attribute name="hostname" type="xs:token"/>
          </xs:complexType></xs:element>
          <xs:element name="testcase"><xs:complexType>
            <xs:sequence>
              <xs:choice minOccurs="0"><xs:element name="skipped" type="told"/><xs:element name="error" type="told"/><xs:element name="failure" type="told"/></xs:choice>
              <xs:element name="system-out" type="xs:string" minOccurs="0"/><xs:element name="system-err" type="xs:string" minOccurs="0"/>
            </xs:sequence>
            <xs:attribute name="name" type="xs:string" use="required"/><xs:attribute name="classname" type="xs:string" use="required"/><xs:attribute name="time" type="xs:decimal"/>
          </xs:complexType></xs:element>
        </xs:schema>
        """;

    /// <summary>Reads the document from its UTF-8 bytes, as a CI system does, and tells what a strict reader would refuse.</summary>
    public static List<string> Problems(string xml)
    {
        var problems = new List<string>();
        var settings = new XmlReaderSettings { ValidationType = ValidationType.Schema, DtdProcessing = DtdProcessing.Prohibit };
        using var schema = XmlReader.Create(new StringReader(Schema));
        settings.Schemas.Add(null, schema);
        settings.ValidationFlags |= XmlSchemaValidationFlags.ReportValidationWarnings;
        settings.ValidationEventHandler += (_, problem) => problems.Add(problem.Message);
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(xml)), settings);
            while (reader.Read())
            {
                // Reading is what validates.
            }
        }
        catch (Exception e) when (e is XmlException or EncoderFallbackException)
        {
            problems.Add(e.Message);
        }

        return problems;
    }
}
