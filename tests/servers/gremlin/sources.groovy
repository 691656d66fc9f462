// Fills the graphs of server.yaml and names their traversal sources: `g` and `modern` read TinkerPop's six-vertex
// toy graph, `grateful` its graph of songs; `scratch` is empty and for tests that write.
import org.apache.tinkerpop.gremlin.tinkergraph.structure.TinkerFactory

def globals = [:]
globals << [hook : [
    onStartUp: { ctx ->
        TinkerFactory.generateModern(modernGraph)
        TinkerFactory.generateGratefulDead(gratefulGraph)
    }
] as LifeCycleHook]
globals << [
    g: traversal().withEmbedded(modernGraph),
    modern: traversal().withEmbedded(modernGraph),
    grateful: traversal().withEmbedded(gratefulGraph),
    scratch: traversal().withEmbedded(scratchGraph)
]
